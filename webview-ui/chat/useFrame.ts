import { useEffect, useRef, useState } from "preact/hooks";

/** The latest of a fast value, at most once an animation frame. Hidden pages get no frames: then at once. */
export function useFrame<T>(latest: T): T {
  const [shown, setShown] = useState(latest);
  const pending = useRef(latest);
  const frame = useRef(0);
  pending.current = latest;
  useEffect(() => {
    if (document.hidden) {
      setShown(latest);
      return;
    }
    frame.current ||= requestAnimationFrame(() => {
      frame.current = 0;
      setShown(pending.current);
    });
  }, [latest]);
  useEffect(() => () => cancelAnimationFrame(frame.current), []);
  return shown;
}
