from __future__ import annotations

from autodeploy.lab.site import Site


def test_two_homes_share_no_name(tmp_path, monkeypatch):
    names = set()
    for home in ("one", "two"):
        monkeypatch.setenv("AUTODEPLOY_HOME", str(tmp_path / home))
        site = Site.here()
        assert len(site.bridge) <= 15
        names |= {site.bridge, site.table, site.cgroup, str(site.folder)}
    assert len(names) == 8


def test_images_can_be_shared(tmp_path, monkeypatch):
    monkeypatch.setenv("AUTODEPLOY_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("AUTODEPLOY_LAB_IMAGES", raising=False)
    assert Site.here().images == tmp_path / "home/lab/images"
    monkeypatch.setenv("AUTODEPLOY_LAB_IMAGES", str(tmp_path / "cache"))
    assert Site.here().images == tmp_path / "cache"
