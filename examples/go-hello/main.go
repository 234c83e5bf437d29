// go-hello greets: net/http alone, its page embedded in the binary.
package main

import (
	"embed"
	"encoding/json"
	"html/template"
	"log"
	"net/http"
	"os"
	"runtime"
	"time"
)

//go:embed templates
var files embed.FS

var page = template.Must(template.ParseFS(files, "templates/index.html"))

type greeting struct {
	Message string    `json:"message"`
	Name    string    `json:"name"`
	Go      string    `json:"go"`
	Time    time.Time `json:"time"`
}

func main() {
	address := "127.0.0.1:" + env("PORT", "8080")
	server := &http.Server{Addr: address, Handler: routes(), ReadHeaderTimeout: 5 * time.Second}
	log.Printf("listening on %s", address)
	log.Fatal(server.ListenAndServe())
}

func routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", index)
	mux.HandleFunc("GET /api/hello", hello)
	mux.HandleFunc("GET /healthz", health)
	return mux
}

func index(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := page.Execute(w, greet(r)); err != nil {
		log.Printf("index: %v", err)
	}
}

func hello(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(greet(r)); err != nil {
		log.Printf("hello: %v", err)
	}
}

func health(w http.ResponseWriter, _ *http.Request) {
	w.Write([]byte("ok\n"))
}

func greet(r *http.Request) greeting {
	name := r.URL.Query().Get("name")
	if name == "" {
		name = "world"
	}
	return greeting{env("MESSAGE", "Hello"), name, runtime.Version(), time.Now().UTC()}
}

func env(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}
