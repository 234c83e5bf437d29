"""The bill of materials: CycloneDX 1.6 as JSON, the same for the same artifact on every day."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.tool import ToolRepository
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from autodeploy.compiler.environ import FIXED
from autodeploy.compiler.sbom.package import Package

DAY = datetime.fromtimestamp(int(FIXED["SOURCE_DATE_EPOCH"]), UTC)


def document(
    name: str,
    digest: str,
    commit: str | None,
    tools: Mapping[str, str],
    packages: Iterable[Package],
) -> str:
    """The document for an artifact.

    Args:
        name: The application's name.
        digest: The artifact's digest; the document's serial number is made of it.
        commit: The commit it was built from.
        tools: What built it, version by name.
        packages: What is in it; of two with one package URL the first counts.
    """
    known = {one.purl: one for one in reversed(list(packages))}
    components = {purl: _component(one) for purl, one in known.items()}
    application = Component(name=name, type=ComponentType.APPLICATION, version=commit, bom_ref=name)
    application.properties.add(Property(name="autodeploy:artifact", value=digest))
    bom = Bom(
        components=components.values(),
        serial_number=uuid.uuid5(uuid.NAMESPACE_OID, digest),
        metadata=BomMetaData(component=application, tools=_tools(tools), timestamp=DAY),
    )
    required = {purl for one in known.values() for purl in one.requires}
    bom.register_dependency(application, [components[one] for one in known if one not in required])
    for purl, one in known.items():
        needed = [components[other] for other in one.requires if other in components]
        bom.register_dependency(components[purl], needed)
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _component(package: Package) -> Component:
    purl = PackageURL.from_string(package.purl)
    return Component(
        name=purl.name,
        group=purl.namespace,
        version=purl.version,
        purl=purl,
        bom_ref=package.purl,
        licenses=[LicenseFactory().make_from_string(package.licence)] if package.licence else None,
        hashes=[
            HashType(alg=HashAlgorithm(name), content=digest)
            for name, digest in package.hashes.items()
        ],
    )


def _tools(tools: Mapping[str, str]) -> ToolRepository:
    return ToolRepository(
        components=[
            Component(name=name, type=ComponentType.APPLICATION, version=version)
            for name, version in tools.items()
        ]
    )
