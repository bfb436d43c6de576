"""Asterisk as the ACD's switch: implements the call and phone ports over the plain ARI client."""
