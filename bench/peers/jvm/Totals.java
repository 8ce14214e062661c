import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What the five views add up to: of each view its rows, the sum of their counts and of the squares of these; and the users of each minute. */
final class Totals {
  private final Map<String, long[]> views = new LinkedHashMap<>();
  private final Map<Long, Long> users = new TreeMap<>();

  Totals() {
    for (String view : new String[] {"minute", "song", "artist", "state"}) views.put(view, new long[3]);
  }

  void row(String view, long count) {
    long[] sums = views.get(view);
    sums[0]++;
    sums[1] += count;
    sums[2] += count * count;
  }

  /** The sums of a view, where the engine has added them up itself. */
  void sums(String view, long rows, long events, long squares) {
    views.put(view, new long[] {rows, events, squares});
  }

  void users(long minuteMs, long distinct) {
    users.put(minuteMs, distinct);
  }

  /** @param more further fields of the result, such as {@code ,"dropped":0} */
  String json(String more) {
    String sums = views.entrySet().stream().map(view -> "\"" + view.getKey() + "\":" + Arrays.toString(view.getValue())).collect(Collectors.joining(","));
    return "{\"totals\":{" + sums + ",\"users\":" + users.values() + "}" + more + "}";
  }
}
