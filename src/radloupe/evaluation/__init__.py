"""Evaluation of models on images with a known truth: metrics, confidence intervals over patients, checks for data leakage."""
