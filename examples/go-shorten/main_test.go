package main

import (
	"html/template"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func send(t *testing.T, links *store, request *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	page := template.Must(template.ParseFiles("templates/index.html"))
	answer := httptest.NewRecorder()
	routes(links, page).ServeHTTP(answer, request)
	return answer
}

func shorten(target string) *http.Request {
	form := url.Values{"url": {target}}
	request := httptest.NewRequest("POST", "/", strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return request
}

func TestAShortNameLeadsToItsTarget(t *testing.T) {
	links := newStore(10)
	if code := send(t, links, shorten("https://go.dev/doc")).Code; code != http.StatusSeeOther {
		t.Fatal(code)
	}
	answer := send(t, links, httptest.NewRequest("GET", "/s/"+links.all()[0].Name, nil))
	if got := answer.Header().Get("Location"); got != "https://go.dev/doc" {
		t.Error(got)
	}
}

func TestOnlyWebAddressesAreTaken(t *testing.T) {
	for _, target := range []string{"", "go.dev", "javascript:alert(1)", "file:///etc/passwd"} {
		if code := send(t, newStore(10), shorten(target)).Code; code != http.StatusBadRequest {
			t.Errorf("%q: %d", target, code)
		}
	}
}

func TestTheOldestLinkGoesFirst(t *testing.T) {
	links := newStore(1)
	links.add("old", "http://a")
	links.add("new", "http://b")
	if _, found := links.get("old"); found {
		t.Error("the old link is still there")
	}
}

func TestThePageSaysWhoItIs(t *testing.T) {
	body := send(t, newStore(1), httptest.NewRequest("GET", "/", nil)).Body.String()
	if !strings.Contains(body, "<h1>go-shorten</h1>") {
		t.Error(body)
	}
}
