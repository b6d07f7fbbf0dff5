"""The published vector of the link proof; a changed constant here breaks every link that is out."""

from engine.core import links

SECRET = bytes(range(20))
LINK = "g_7k2m4q6s8u3w5y7a.1"


def test_the_published_vector():
    assert links.token(SECRET) == "aaaqeayeaudaocajbifqydiob4ibceqt"
    assert links.lookup(SECRET).hex() == "fad943b75b8a70e23adcdb841c0917ac30890eb3c9c4a230f486d1e6472c9c7d"
    key = links.key(SECRET, LINK, "approve")
    assert key.hex() == "b1aeef8674f5bb59458c4360b1839bb42236a68c8bfe3c1c92f5bc86b3c5d705"
    assert links.commit(key) == "cea9803e820aaceeaa0a65d9db34462efce7e0d79cb778652805575f8411ac77"


def test_a_token_is_read_in_any_case_and_refused_in_any_other_shape():
    token = links.token(SECRET)
    assert links.secret(token.upper()) == SECRET
    for bad in (token[:-1], token + "a", token[:-1] + "1", token[:-1] + "=", "", token[:-1] + "é", token + "\n"):
        assert links.secret(bad) is None, bad


def test_only_the_keys_of_the_chosen_answers_open_their_commitments():
    commits = links.commits(SECRET, LINK, ("approve", "reject"))
    keys = links.reveal(SECRET, LINK, ("approve",))
    assert links.proves(commits, keys)
    assert not links.proves(commits, {"reject": keys["approve"]})
    assert not links.proves(commits, {"return": keys["approve"]})
    assert not links.proves(commits, {"approve": "zz"})
    assert not links.proves(commits, {})
    assert not links.proves(commits, links.reveal(SECRET, "g_other.1", ("approve",)))
