module example.com/tcp-echo

go 1.22
