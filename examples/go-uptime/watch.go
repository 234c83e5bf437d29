package main

import (
	"context"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// Check is how an address answered last.
type Check struct {
	Address string        `json:"address"`
	Up      bool          `json:"up"`
	Took    time.Duration `json:"took"`
	At      time.Time     `json:"at"`
}

// Watch asks addresses again and again.
type Watch struct {
	every  time.Duration
	client http.Client
	mutex  sync.RWMutex
	checks []Check
}

// NewWatch watches addresses, each asked once in every.
func NewWatch(addresses []string, every time.Duration) *Watch {
	watch := &Watch{every: every, client: http.Client{Timeout: 5 * time.Second}}
	for _, address := range addresses {
		watch.checks = append(watch.checks, Check{Address: address})
	}
	return watch
}

// Run asks until the context ends.
func (w *Watch) Run(ctx context.Context) {
	ticker := time.NewTicker(w.every)
	defer ticker.Stop()
	for {
		var group sync.WaitGroup
		for index, check := range w.Checks() {
			group.Add(1)
			go func() {
				defer group.Done()
				w.set(index, w.ask(ctx, check.Address))
			}()
		}
		group.Wait()
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Checks is how all answered last.
func (w *Watch) Checks() []Check {
	w.mutex.RLock()
	defer w.mutex.RUnlock()
	return append([]Check{}, w.checks...)
}

func (w *Watch) set(index int, check Check) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.checks[index] = check
}

func (w *Watch) ask(ctx context.Context, address string) Check {
	start := time.Now()
	check := Check{Address: address, At: start}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return check
	}
	answer, err := w.client.Do(request)
	if err == nil {
		_ = answer.Body.Close()
		check.Up = answer.StatusCode < 500
	}
	check.Took = time.Since(start)
	return check
}

// addresses are those of ADDRESSES, divided by blanks.
func addresses() []string {
	if said := strings.Fields(os.Getenv("ADDRESSES")); len(said) > 0 {
		return said
	}
	return []string{"http://127.0.0.1:" + port() + "/healthz"}
}
