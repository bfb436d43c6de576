// Today's calls, the latest first.

import type { PastCall } from "../api";
import { caller, duration, result, timeOfDay } from "../format";

export function CallList({ calls }: { calls: PastCall[] }) {
  return (
    <section class="calls" aria-labelledby="calls-heading">
      <h2 id="calls-heading">My calls today</h2>
      {calls.length === 0 ? (
        <p class="soft">None yet.</p>
      ) : (
        <ol>
          {calls.map((call) => (
            <li key={call.id}>
              <span class="call-who">
                {caller(call)}
                <small>
                  <time dateTime={new Date(call.connected_at ?? call.queued_at).toISOString()}>
                    {timeOfDay(call.connected_at ?? call.queued_at)}
                  </time>
                  {" · "}
                  {call.queue_title}
                </small>
              </span>
              <span class="call-length">
                {duration(call.talked_ms)}
                <small>{call.end_reason === "completed" ? `waited ${duration(call.waited_ms)}` : result(call.end_reason)}</small>
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
