"""What AWS does and moto does not, one file a concern: each a layer of the gateway."""
