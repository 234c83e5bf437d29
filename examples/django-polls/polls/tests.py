"""Run with `python manage.py test`."""

from django.test import TestCase

from polls.models import Question


class PollTest(TestCase):
    def setUp(self):
        self.question = Question.objects.create(text="<b>Tea?</b>")
        self.choice = self.question.choices.create(text="Yes")

    def vote(self, choice):
        return self.client.post(f"/{self.question.pk}/", {"choice": choice})

    def test_the_page_says_who_it_is_and_escapes_questions(self):
        page = self.client.get("/")
        self.assertContains(page, "<h1>django-polls</h1>")
        self.assertContains(page, "&lt;b&gt;Tea?&lt;/b&gt;")

    def test_a_vote_counts(self):
        self.assertRedirects(self.vote(self.choice.pk), "/")
        self.choice.refresh_from_db()
        self.assertEqual(self.choice.votes, 1)

    def test_only_choices_of_the_question_count(self):
        other = Question.objects.create(text="Other").choices.create(text="No")
        for choice in (other.pk, "", "x", 10**30):
            self.assertEqual(self.vote(choice).status_code, 404)

    def test_health(self):
        self.assertEqual(self.client.get("/healthz").json(), {"status": "ok"})

    def test_the_first_question_comes_with_the_migrations(self):
        self.assertTrue(Question.objects.filter(text__startswith="Which stack").exists())
