package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestAnAddressIsUpUntilItFails(t *testing.T) {
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
	}))
	defer server.Close()
	watch := NewWatch([]string{server.URL}, time.Hour)

	for _, expected := range []bool{true, false} {
		if check := watch.ask(context.Background(), server.URL); check.Up != expected {
			t.Errorf("up is %v with status %d", check.Up, status)
		}
		status = http.StatusBadGateway
	}
}

func TestWhatIsNoAddressIsDown(t *testing.T) {
	if NewWatch(nil, time.Hour).ask(context.Background(), ":").Up {
		t.Error("it is up")
	}
}
