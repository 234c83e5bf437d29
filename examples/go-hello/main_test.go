package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func get(path string) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	routes().ServeHTTP(answer, httptest.NewRequest("GET", path, nil))
	return answer
}

func TestThePageSaysWhoItIs(t *testing.T) {
	t.Setenv("MESSAGE", "Good day")
	body := get("/?name=<b>").Body.String()
	if !strings.Contains(body, "<h1>go-hello</h1>") || !strings.Contains(body, "Good day, &lt;b&gt;!") {
		t.Error(body)
	}
}

func TestHello(t *testing.T) {
	var answer greeting
	if err := json.Unmarshal(get("/api/hello?name=you").Body.Bytes(), &answer); err != nil || answer.Name != "you" {
		t.Errorf("%v %+v", err, answer)
	}
}

func TestOtherPathsAreNotFound(t *testing.T) {
	if code := get("/nothing").Code; code != http.StatusNotFound {
		t.Error(code)
	}
}
