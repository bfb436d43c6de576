// Times and people in words.

export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = String(seconds % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

export function timeOfDay(at: number): string {
  return new Date(at).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
}

export function caller(call: { caller_name: string; caller_number: string } | null, otherwise = "Unknown caller"): string {
  return call?.caller_name || call?.caller_number || otherwise;
}

export function startOfDay(now: number): number {
  const day = new Date(now);
  day.setHours(0, 0, 0, 0);
  return day.getTime();
}

const RESULTS: Record<string, string> = {
  completed: "Completed",
  abandoned: "Caller left",
  timed_out: "Waited too long",
  overflowed: "Moved on",
  ended_by_supervisor: "Ended by a supervisor",
  withdrawn: "Taken out of the line",
  failed: "Failed",
};

// A requirement as the server writes it, "billing and spanish >= 50", for people.
export function needs(requirement: string): string {
  return requirement.replaceAll(" >= ", " ≥ ").replaceAll("_", " ");
}

// The server gives breaks that nobody asked for a name of its own: missed_calls.
export function breakReason(reason: string): string {
  return reason.replaceAll("_", " ");
}

export function result(reason: string): string {
  return RESULTS[reason] ?? reason.replaceAll("_", " ");
}
