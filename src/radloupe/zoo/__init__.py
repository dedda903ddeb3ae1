"""The model zoo: shipped models, and loading, converting and publishing of others."""
