"""The HTTP API under ``/api/v1``: JSON, problem details (RFC 9457), OpenAPI 3.1 at ``/schema``."""
