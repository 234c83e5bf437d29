import "./style.css";

export const metadata = { title: "next-recipes", icons: { icon: "/icon.svg" } };

export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
