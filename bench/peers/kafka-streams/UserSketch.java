/** A count of plays (8 bytes), then a HyperLogLog of the users with 1,024 registers of a byte each: a standard error of 3.25 %. */
final class UserSketch {
  private static final int BITS = 10;
  private static final int REGISTERS = 1 << BITS;
  private static final int OFFSET = Long.BYTES;

  private UserSketch() {}

  static byte[] empty() {
    return new byte[OFFSET + REGISTERS];
  }

  /** A copy with one more play: values of a store must not change under it. */
  static byte[] add(byte[] sketch, long userId) {
    byte[] next = sketch.clone();
    java.nio.ByteBuffer.wrap(next).putLong(0, plays(sketch) + 1);
    long hash = mix(userId);
    int register = OFFSET + (int) (hash >>> (64 - BITS));
    byte rank = (byte) (Long.numberOfLeadingZeros((hash << BITS) | (1L << (BITS - 1))) + 1);
    if (next[register] < rank) next[register] = rank;
    return next;
  }

  static long plays(byte[] sketch) {
    return java.nio.ByteBuffer.wrap(sketch).getLong(0);
  }

  static long users(byte[] sketch) {
    int zeros = 0;
    double sum = 0;
    for (int i = OFFSET; i < sketch.length; i++) {
      sum += Math.pow(2, -sketch[i]);
      if (sketch[i] == 0) zeros++;
    }
    double estimate = 0.7213 / (1 + 1.079 / REGISTERS) * REGISTERS * REGISTERS / sum;
    return Math.round(estimate <= 2.5 * REGISTERS && zeros > 0 ? REGISTERS * Math.log((double) REGISTERS / zeros) : estimate);
  }

  /** The finaliser of MurmurHash3 with the constants of David Stafford's mix 13. */
  private static long mix(long value) {
    long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
