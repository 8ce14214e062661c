import type { Theme } from "../settings/theme.js";

const NEXT: Readonly<Record<Theme, Theme>> = { auto: "light", light: "dark", dark: "auto" };
const TEXT: Readonly<Record<Theme, string>> = { auto: "as the system", light: "light", dark: "dark" };

/** As the system, light, dark, and again. */
export function ThemeToggle({ theme, onChange }: { readonly theme: Theme; readonly onChange: (theme: Theme) => void }) {
  return (
    <button type="button" class="quiet icon-button" onClick={() => onChange(NEXT[theme])} aria-label={`Theme: ${TEXT[theme]}. Change to ${TEXT[NEXT[theme]]}`} title={`Theme: ${TEXT[theme]}`}>
      <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
        {theme === "dark" ? (
          <path d="M15.5 12.4A6.5 6.5 0 0 1 7.6 4.5a6.5 6.5 0 1 0 7.9 7.9Z" fill="currentColor" />
        ) : theme === "light" ? (
          <g stroke="currentColor" stroke-width="1.6" stroke-linecap="round" fill="none">
            <circle cx="10" cy="10" r="3.4" fill="currentColor" />
            <path d="M10 2.5v2M10 15.5v2M2.5 10h2M15.5 10h2M4.7 4.7l1.4 1.4M13.9 13.9l1.4 1.4M4.7 15.3l1.4-1.4M13.9 6.1l1.4-1.4" />
          </g>
        ) : (
          <g>
            <circle cx="10" cy="10" r="6.5" fill="none" stroke="currentColor" stroke-width="1.6" />
            <path d="M10 3.5a6.5 6.5 0 0 1 0 13Z" fill="currentColor" />
          </g>
        )}
      </svg>
    </button>
  );
}
