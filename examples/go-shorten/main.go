// go-shorten gives long addresses short names; they live in memory.
package main

import (
	"errors"
	"html/template"
	"log"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/google/uuid"
)

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	page := template.Must(template.ParseFiles("templates/index.html"))
	server := &http.Server{
		Addr:              "127.0.0.1:" + port,
		Handler:           routes(newStore(1000), page),
		ReadHeaderTimeout: 5 * time.Second,
	}
	log.Printf("listening on %s", server.Addr)
	log.Fatal(server.ListenAndServe())
}

func routes(links *store, page *template.Template) http.Handler {
	router := chi.NewRouter()
	router.Use(middleware.Logger, middleware.Recoverer)
	router.Get("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if err := page.Execute(w, links.all()); err != nil {
			log.Printf("index: %v", err)
		}
	})
	router.Post("/", func(w http.ResponseWriter, r *http.Request) {
		target, err := address(r.FormValue("url"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		links.add(uuid.NewString()[:8], target)
		http.Redirect(w, r, "/", http.StatusSeeOther)
	})
	router.Get("/s/{name}", func(w http.ResponseWriter, r *http.Request) {
		target, found := links.get(chi.URLParam(r, "name"))
		if !found {
			http.NotFound(w, r)
			return
		}
		http.Redirect(w, r, target, http.StatusFound)
	})
	router.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte("ok\n"))
	})
	return router
}

// address gives back an absolute http or https address.
func address(text string) (string, error) {
	parsed, err := url.Parse(text)
	if err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https") {
		return "", errors.New("give an address that begins with http:// or https://")
	}
	return parsed.String(), nil
}
