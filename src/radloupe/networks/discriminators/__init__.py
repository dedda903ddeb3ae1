"""Discriminators and critics of adversarial training."""
