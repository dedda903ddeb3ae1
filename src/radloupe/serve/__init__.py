"""What a browser on the same computer shows."""
