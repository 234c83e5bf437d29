"""The caches behind ElastiCache: real Redis servers on hosts of their own."""
