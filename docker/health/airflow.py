"""Whether Airflow says that one of its parts is healthy: `python airflow.py scheduler`."""

import json
import sys
import urllib.request

with urllib.request.urlopen("http://airflow:8083/api/v2/monitor/health", timeout=10) as answer:
    health = json.load(answer)
sys.exit(0 if (health.get(sys.argv[1]) or {}).get("status") == "healthy" else 1)
