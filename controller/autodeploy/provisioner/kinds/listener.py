"""What a load balancer does with what comes in on one port."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autodeploy.aws import Cloud
from autodeploy.aws.errors import is_gone
from autodeploy.errors import CloudError
from autodeploy.provisioner import dns
from autodeploy.provisioner.kinds.base import Desired, Found, Intend, Look, Site, Step
from autodeploy.provisioner.kinds.load_balancer import BALANCER, described

KEYS = {80: "listener-http", 443: "listener-https"}
"""The logical name of the listener on each port; others that a load balancer has are not ours."""
TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
REDIRECT = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}


@dataclass(frozen=True)
class Listener(Desired):
    """A listener of the load balancer `balancer`.

    Attributes:
        port: 80 or 443, for HTTPS.
        balancer: Logical name of its load balancer.
        group: Logical name of the target group; None sends clients to HTTPS.
        certificate: Logical name of the certificate that it has on 443; None on 80.
        domain: The name that the certificate is for.
        after: Logical name of what must answer before this may lead there.
    """

    type = "AWS::ElasticLoadBalancingV2::Listener"
    id_field = "ListenerArn"
    wave = 2
    port: int
    balancer: str
    group: str | None = None
    certificate: str | None = None
    domain: str | None = None
    after: str | None = None

    @classmethod
    def key_of(cls, record: Mapping[str, Any]) -> str:
        """See Desired. Descriptions have no tags."""
        return KEYS[record["Port"]]

    @classmethod
    def describe(cls, look: Look) -> Sequence[Mapping[str, Any]]:
        """See Desired."""
        balancer = look.ids.get(BALANCER)
        if balancer is None:
            return ()
        try:
            answer = look.cloud.elbv2().describe_listeners(LoadBalancerArn=balancer)
        except CloudError as error:
            if not is_gone(error):
                raise
            return ()
        return [one for one in answer["Listeners"] if one["Port"] in KEYS]

    @classmethod
    def belongs(cls, look: Look, record: Mapping[str, Any]) -> bool:  # noqa: ARG003
        """See Desired. A part of our load balancer is ours."""
        return True

    @classmethod
    def links(cls, record: Mapping[str, Any]) -> Iterator[str]:
        """See Desired. Its certificate."""
        for one in record.get("Certificates", ()):
            yield one["CertificateArn"]

    @property
    def needs(self) -> tuple[str, ...]:
        """See Desired."""
        optional = (self.group, self.certificate, self.after)
        return (self.balancer, *(one for one in optional if one))

    def create(self, site: Site, intend: Intend) -> Found:
        """See Desired."""
        if self.domain:
            intend()
            self._point(site)
        intend()
        answer = site.cloud.elbv2(retries=False).create_listener(
            LoadBalancerArn=site.ids[self.balancer],
            Port=self.port,
            Tags=site.owner.tags(self.key),  # type: ignore[arg-type]
            **self._parameters(site.ids),
        )
        return self.found(answer["Listeners"][0])

    def _point(self, site: Site) -> None:
        """Let the domain lead to the load balancer, before it has the certificate for it.

        So a listener with the certificate tells that this was done: DNS is not read again, and
        what people make of the record later is theirs.
        """
        balancer = described(site.cloud, site.ids[self.balancer])
        told = site.patience.tell
        dns.point(site.cloud, str(self.domain), balancer, site.addresses, told)

    def _parameters(self, ids: Mapping[str, str]) -> dict[str, Any]:
        """What it should be, as AWS's calls take it."""
        parameters: dict[str, Any] = {
            "Protocol": "HTTPS" if self.certificate else "HTTP",
            "DefaultActions": [self._action(ids)],
        }
        if self.certificate:
            parameters["Certificates"] = [{"CertificateArn": ids.get(self.certificate)}]
            parameters["SslPolicy"] = TLS_POLICY
        return parameters

    def _action(self, ids: Mapping[str, str]) -> dict[str, Any]:
        if self.group is None:
            return {"Type": "redirect", "RedirectConfig": REDIRECT}
        return {"Type": "forward", "TargetGroupArn": ids.get(self.group)}

    def lacks(self, found: Found, ids: Mapping[str, str]) -> list[Step]:
        """See Desired."""
        wanted, record = self._parameters(ids), found.record
        steps = []
        if wanted.get("Certificates") != (record.get("Certificates") or None):
            steps.append(Step(f"is not for {self.domain}", self._point))
        same_policy = not self.certificate or record.get("SslPolicy") == TLS_POLICY
        if steps or not same_policy or not _does(record, wanted["DefaultActions"][0]):
            does = f"forward to {self.group}" if self.group else "redirect to HTTPS"
            steps.append(Step(f"does not {does} as it should", lambda site: self._set(site, found)))
        return steps

    def _set(self, site: Site, found: Found) -> None:
        site.cloud.elbv2().modify_listener(
            ListenerArn=found.id, Port=self.port, **self._parameters(site.ids)
        )

    @classmethod
    def delete(cls, cloud: Cloud, found: Found) -> None:
        """See Desired."""
        cloud.elbv2().delete_listener(ListenerArn=found.id)


def _does(record: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether this is all that a listener does; AWS adds its defaults to what it was told."""
    if len(record["DefaultActions"]) != 1:
        return False
    (action,) = record["DefaultActions"]
    if wanted["Type"] == "forward":
        return bool(action.get("TargetGroupArn") == wanted["TargetGroupArn"])
    told = action.get("RedirectConfig", {})
    return all(told.get(name) == value for name, value in REDIRECT.items())
