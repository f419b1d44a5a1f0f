"""Webhooks: another system of the department is told that something has happened, and fetches the rest by the API."""
