from autodeploy.lab import images


def test_a_releases_name_stands_for_debian_as_it_comes(monkeypatch):
    monkeypatch.delenv("AUTODEPLOY_LAB_PACKAGES", raising=False)
    assert images.newest() == images.IMAGES


def test_or_for_an_image_with_packages_that_the_bare_one_has_not(monkeypatch):
    monkeypatch.setenv("AUTODEPLOY_LAB_PACKAGES", "nginx-light  nodejs")
    baked = images.newest()
    assert [one.release for one in baked] == [one.release for one in images.IMAGES]
    assert {one.packages for one in baked} == {("nginx-light", "nodejs")}
    both = (*images.IMAGES, *baked)
    assert len({one.ami for one in both}) == len(both)
    assert [images.by_ami(one.ami) for one in both] == list(both)
