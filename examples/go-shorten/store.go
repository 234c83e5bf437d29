package main

import "sync"

type link struct{ Name, Target string }

// store keeps the newest links, at most limit of them. It is safe for concurrent use.
type store struct {
	mutex sync.RWMutex
	limit int
	links []link
}

func newStore(limit int) *store { return &store{limit: limit} }

func (s *store) add(name, target string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.links = append([]link{{name, target}}, s.links...)
	if len(s.links) > s.limit {
		s.links = s.links[:s.limit]
	}
}

func (s *store) get(name string) (string, bool) {
	for _, one := range s.all() {
		if one.Name == name {
			return one.Target, true
		}
	}
	return "", false
}

// all gives a copy, newest first.
func (s *store) all() []link {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	return append([]link(nil), s.links...)
}
