import java.util.Arrays;

/** Latencies in whole milliseconds. */
final class Latencies {
  private long[] values = new long[1 << 16];
  private int count;

  synchronized void add(long ms) {
    if (count == values.length) values = Arrays.copyOf(values, count * 2);
    values[count++] = ms;
  }

  synchronized String json() {
    return "{\"latenciesMs\":" + Arrays.toString(Arrays.copyOf(values, count)) + "}";
  }
}
