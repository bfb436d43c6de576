// Drawn here, so that nothing is fetched.

import type { ComponentChildren } from "preact";

function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

const HANDSET =
  "M6.6 10.8c1.4 2.8 3.8 5.1 6.6 6.6l2.2-2.2c.3-.3.7-.4 1-.2 1.1.4 2.3.6 3.6.6.6 0 1 .4 1 1V20c0 .6-.4 1-1 1C10.6 21 3 13.4 3 4c0-.6.4-1 1-1h3.5c.6 0 1 .4 1 1 0 1.2.2 2.4.6 3.6.1.3 0 .7-.2 1z";

export const Logo = () => (
  <svg class="logo" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <rect width="32" height="32" rx="9" />
    <path d="M8 18v-2a8 8 0 0 1 16 0v2" />
    <rect class="ear" x="6" y="17" width="5" height="8" rx="2.5" />
    <rect class="ear" x="21" y="17" width="5" height="8" rx="2.5" />
  </svg>
);
export const Answer = () => (
  <Icon>
    <path d={HANDSET} />
  </Icon>
);
export const HangUp = () => (
  <Icon>
    <path d={HANDSET} transform="rotate(135 12 12)" />
  </Icon>
);
export const Mute = ({ off }: { off: boolean }) => (
  <Icon>
    <path d="M12 14a3 3 0 0 0 3-3V6a3 3 0 0 0-6 0v5a3 3 0 0 0 3 3zm5-3a5 5 0 0 1-10 0H5a7 7 0 0 0 6 6.9V21h2v-3.1A7 7 0 0 0 19 11z" />
    {off && <path class="stroke" d="M4 4l16 16" />}
  </Icon>
);
export const Done = () => (
  <Icon>
    <path d="M9.5 16.2 5.3 12l-1.4 1.4 5.6 5.6L20.6 7.9l-1.4-1.4z" />
  </Icon>
);
export const Pause = () => (
  <Icon>
    <path d="M7 5h3.5v14H7zm6.5 0H17v14h-3.5z" />
  </Icon>
);
