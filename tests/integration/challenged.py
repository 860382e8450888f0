"""A job whose log Depot's service for open source reads."""

from __future__ import annotations

from integration.job import Job
from stand_ins.depot_public_oidc import DepotPublicOidc
from world.events import pull_request


class Challenged:
    """Of a fork's pull request to a public repository, unless a test says otherwise."""

    def __init__(self, job: Job, service: DepotPublicOidc):
        self.job, self.service, self.running = job, service, None
        job.event = pull_request(fork=True)
        job.public_oidc = service.url
        service.log = lambda: "\n".join(self.running.lines if self.running else [])

    def start(self, inputs=None):
        self.running = self.job.start(inputs)
        return self.running

    def run(self, inputs=None):
        return self.job.checked(self.start(inputs).wait(120))
