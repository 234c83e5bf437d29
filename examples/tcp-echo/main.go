// tcp-echo gives each line back to who sent it, with a word before it. No HTTP.
package main

import (
	"bufio"
	"fmt"
	"log"
	"net"
	"os"
)

func main() {
	address := "127.0.0.1:" + env("PORT", "7007")
	listener, err := net.Listen("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("listening on %s", address)
	for {
		connection, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go echo(connection, env("WORD", "echo"))
	}
}

func echo(connection net.Conn, word string) {
	defer connection.Close()
	lines := bufio.NewScanner(connection)
	for lines.Scan() {
		if _, err := fmt.Fprintf(connection, "%s: %s\n", word, lines.Text()); err != nil {
			return
		}
	}
}

func env(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}
