vcl 4.1;

# Varnish in front of nginx: keeps the answers that are the same for everybody, until the purger of an instance names
# their tags. docs/edge.md says what it promises.

import std;
import xkey;

backend default {
  .host = "nginx";
  .port = "80";
  .connect_timeout = 1s;
  # nginx gives up an instance after 3 s. Event streams and exports may pause longer between two writes.
  .first_byte_timeout = 5s;
  .between_bytes_timeout = 65s;
  # A busy machine answers a probe late. Only an origin that answers none of five is away, because a miss fails at once
  # while it is; a port that is closed fails at once without the probe.
  .probe = {
    .url = "/health/live";
    .interval = 1s;
    .timeout = 5s;
    .window = 5;
    .threshold = 1;
    .initial = 1;
  }
}

# Purges come from inside only. Behind a published port of Docker everybody has an inside address, so there is a secret, too.
acl inside {
  "localhost";
  "10.0.0.0"/8;
  "172.16.0.0"/12;
  "192.168.0.0"/16;
  "fc00::"/7;
}

sub vcl_recv {
  if (req.method == "PURGE") {
    if (client.ip !~ inside || std.getenv("EDGE_PURGE_TOKEN") == "" ||
        req.http.x-purge-secret != std.getenv("EDGE_PURGE_TOKEN")) {
      return (synth(403, "Forbidden"));
    }
    if (req.http.x-purge-everything) {
      ban("obj.http.xkey ~ .");
    } elseif (req.http.xkey-purge) {
      set req.http.x-purged = xkey.purge(req.http.xkey-purge);
    } else {
      return (synth(400, "No tags"));
    }
    return (synth(200, "Purged"));
  }

  if (req.restarts == 0) {
    unset req.http.x-serve-stale;
  }
  # Writes, everything of a user, and everything else that is not the same for everybody. An unusual query is the
  # instance's to refuse: it must not fill the cache.
  if (req.method != "GET" && req.method != "HEAD" || req.http.Authorization ||
      req.url !~ "^/(cells/[0-9b-hjkmnp-z]{6}(\?radius=(5|50))?|stores/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|products/[0-9]{14}(\?locale=(en|fr|ar)(&madhab=(hanafi|maliki|shafii|hanbali))?)?|lists/certifiers|lists/boycotts|lists/additives(\?(locale=(en|fr|ar)(&since=[0-9a-f]{8}-[0-9]{1,16})?|since=[0-9a-f]{8}-[0-9]{1,16}))?|app-config)$") {
    return (pass);
  }
  # None of these changes such an answer.
  unset req.http.Cookie;
  unset req.http.Origin;
  # Nothing is stale while the origin answers; when it does not, an answer of up to an hour past its time will do.
  if (std.healthy(req.backend_hint) && !req.http.x-serve-stale) {
    set req.grace = 0s;
  } else {
    set req.grace = 1h;
  }
  return (hash);
}

sub vcl_backend_response {
  if (bereq.uncacheable) {
    return (deliver);
  }
  if (beresp.status == 200 && beresp.http.xkey && !beresp.http.Set-Cookie &&
      beresp.http.X-Cache != "STALE" && beresp.http.Cache-Control !~ "no-store|private") {
    set beresp.grace = 1h;
    set beresp.keep = 0s;
    set beresp.http.x-edge-keeps = "1";
    return (deliver);
  }
  # An older answer stays where there is one: vcl_synth looks for it.
  if (bereq.is_bgfetch || (beresp.status >= 500 && !bereq.http.x-serve-stale)) {
    return (abandon);
  }
  # For a second nobody waits for another caller's answer that may not be kept either.
  set beresp.uncacheable = true;
  set beresp.ttl = 1s;
  set beresp.grace = 0s;
  return (deliver);
}

sub vcl_backend_error {
  if (bereq.is_bgfetch || (!bereq.uncacheable && !bereq.http.x-serve-stale)) {
    return (abandon);
  }
  call unavailable_backend;
  return (deliver);
}

sub unavailable_backend {
  set beresp.status = 503;
  set beresp.http.Content-Type = "application/json";
  set beresp.http.Cache-Control = "no-store";
  set beresp.http.Retry-After = "1";
  set beresp.http.Access-Control-Allow-Origin = "*";
  set beresp.body = """{"error":{"message":"No instance answered in time. Please try again in a moment; send a write again with the same id.","code":-32603,"data":{"code":"SERVICE_UNAVAILABLE","reason":"unavailable","httpStatus":503,"requestId":""" + {"""} + bereq.xid + {"""} + """}}}""";
}

sub vcl_synth {
  # The fetch failed and nothing fresh was there: once more, content with an answer that is past its time.
  if (resp.status == 503 && req.restarts == 0 && req.method != "PURGE") {
    set req.http.x-serve-stale = "1";
    return (restart);
  }
  set resp.http.Cache-Control = "no-store";
  set resp.http.Content-Type = "text/plain; charset=utf-8";
  set resp.body = resp.reason + {"
"};
  if (req.http.x-purged) {
    set resp.http.x-purged = req.http.x-purged;
  }
  return (deliver);
}

sub vcl_deliver {
  if (resp.http.x-edge-keeps) {
    unset resp.http.x-edge-keeps;
    set resp.http.x-edge = "MISS";
    if (obj.hits > 0) {
      set resp.http.x-edge = "HIT";
    }
    if (obj.ttl < 0s) {
      set resp.http.x-edge = "STALE";
    }
    # Behind the edge nobody is purged, so that everybody has to ask whether theirs still holds.
    set resp.http.Cache-Control = "public, no-cache";
  }
  unset resp.http.xkey;
  unset resp.http.Surrogate-Key;
  unset resp.http.Cache-Tag;
  unset resp.http.Via;
  unset resp.http.X-Varnish;
}
