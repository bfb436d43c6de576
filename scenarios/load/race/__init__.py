"""The race: the product, app_queue and the bare application under the same traffic, turn by turn on one machine."""
