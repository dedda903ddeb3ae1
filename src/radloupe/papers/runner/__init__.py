"""Runs the table of a paper: trains its rows under one budget, measures them, reports; knows no paper."""
