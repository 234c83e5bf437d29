module example.com/go-uptime

go 1.22
