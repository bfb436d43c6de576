"""The built-in strategies: each a short file behind the public protocols and the public entry point."""
