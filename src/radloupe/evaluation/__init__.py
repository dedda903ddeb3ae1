"""Measuring models: what a reviewer would trust."""
