"""Which framework a package is built on: a table from dependency to name."""

from __future__ import annotations

from autodeploy.recon.fact import CONVENTION, Fact
from autodeploy.recon.node.manifest import Package
from autodeploy.recon.node.workspaces import members

# What wraps others comes first: a Next application may well use Express.
META = {
    "blitz": "blitzjs",
    "@redwoodjs/core": "redwoodjs",
    "next": "next",
    "nuxt": "nuxt",
    "nuxt3": "nuxt",
    "nuxt-edge": "nuxt",
    "@sveltejs/kit": "sveltekit",
    "@shopify/hydrogen": "hydrogen",
    "@remix-run/node": "remix",
    "@remix-run/react": "remix",
    "@remix-run/serve": "remix",
    "@nestjs/core": "nestjs",
    "@tanstack/react-start": "tanstack-start",
    "@tanstack/solid-start": "tanstack-start",
    "@solidjs/start": "solid-start",
    "solid-start": "solid-start",
    "@builder.io/qwik-city": "qwik",
    "@adonisjs/core": "adonisjs",
    "@strapi/strapi": "strapi",
    "@keystone-6/core": "keystone",
    "meteor-node-stubs": "meteor",
    "@medusajs/medusa": "medusa",
    "sails": "sails",
    "gatsby": "gatsby",
    "astro": "astro",
    "@docusaurus/core": "docusaurus",
    "docusaurus": "docusaurus",
    "vitepress": "vitepress",
    "vuepress": "vuepress",
    "@11ty/eleventy": "eleventy",
    "hexo": "hexo",
    "umi": "umijs",
    "@umijs/max": "umijs",
    "sapper": "sapper",
    "@mastra/core": "mastra",
    "xmcp": "xmcp",
    "sanity": "sanity",
    "expo": "expo",
    "@react-router/dev": "react-router",
    "@angular/core": "angular",
    "ember-cli": "ember",
    "ember-source": "ember",
    "@stencil/core": "stencil",
    "@polymer/polymer": "polymer",
    "polymer-cli": "polymer",
    "nitropack": "nitro",
    "nitro": "nitro",
}
SERVERS = {
    "express": "express",
    "fastify": "fastify",
    "fastify-cli": "fastify",
    "koa": "koa",
    "hono": "hono",
    "elysia": "elysia",
    "@hapi/hapi": "hapi",
    "hapi": "hapi",
    "h3": "h3",
    "polka": "polka",
    "restify": "restify",
    "@feathersjs/feathers": "feathers",
    "micro": "micro",
}
BUILDERS = {
    "react-scripts": "create-react-app",
    "@vue/cli-service": "vue-cli",
    "preact-cli": "preact",
    "vite": "vite",
    "parcel": "parcel",
    "parcel-bundler": "parcel",
    "brunch": "brunch",
}
# Their output is files for a browser, unless the configuration says otherwise.
STATIC = frozenset(
    (
        *("gatsby", "astro", "docusaurus", "vitepress", "vuepress", "eleventy", "hexo", "umijs"),
        *("expo", "angular", "ember", "create-react-app", "vue-cli", "preact", "vite", "parcel"),
        *("stencil", "polymer", "brunch", "sanity"),
    )
)


def framework(root: Package) -> Fact | None:
    """The root's own, else the one that all members with any agree on."""
    if own := own_framework(root):
        return own
    found = [fact for member in members(root) if (fact := own_framework(member))]
    agreed = found and len({fact.value for fact in found}) == 1
    return Fact(found[0].value, found[0].file, found[0].line, CONVENTION) if agreed else None


def own_framework(one: Package) -> Fact | None:
    """The package's own. A server counts only where the running application has it."""
    runtime, everything = one.runtime(), one.all()
    for known, declared in ((META, everything), (SERVERS, runtime), (BUILDERS, everything)):
        for name, value in known.items():
            if fact := declared.get(name):
                return Fact(value, fact.file, fact.line)
    return None
