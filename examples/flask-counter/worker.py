"""Takes jobs off the queue, and writes down what came of them."""

from app import store

MOST = 50


def work(job):
    return job[::-1]


def main():
    while True:
        found = store.blpop("jobs", timeout=5)
        if found:
            store.lpush("done", work(found[1]))
            store.ltrim("done", 0, MOST - 1)


if __name__ == "__main__":
    main()
