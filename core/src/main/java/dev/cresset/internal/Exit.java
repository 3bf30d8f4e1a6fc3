package dev.cresset.internal;

import java.util.Map;

/**
 * The JVM on its way out, as a thread sees it that waits for others: in a shutdown hook, say. Whoever called {@code
 * System.exit} never returns from it, for it waits for the hooks; should a hook wait for a call that it stands in, both
 * would wait for each other.
 *
 * <p>Who stands where, the threads' stacks say. They are looked at only while the JVM ends, so that calls need not be
 * noted down. Used by one thread.
 */
final class Exit {

    /** How often nothing must have moved. A thread that is short of processors does not look as if it stood still. */
    private static final int LOOKS = 5;

    private static final String LIBRARY = Exit.class.getPackageName().replaceFirst("internal$", "");

    private int still;
    private long inside;
    private boolean calledFromInside;

    /**
     * Looks once more. Nothing moves where, for some looks, no thread has run in this library and as many calls as before
     * were inside.
     */
    boolean standsStill(long callsInside) {
        if (!isUnderWay() || look() || callsInside != inside) {
            inside = callsInside;
            still = 0;
            return false;
        }
        return ++still >= LOOKS;
    }

    /** Whether it was this library that called whoever called {@code System.exit}. */
    boolean isFromInside() {
        return calledFromInside;
    }

    private static boolean isUnderWay() {
        Thread none = new Thread(null, null, "cresset-no-hook", 0, false);
        try {
            Runtime.getRuntime().removeShutdownHook(none);
            return false;
        } catch (IllegalStateException e) {
            return true;
        }
    }

    /** Whether a thread runs in this library. */
    private boolean look() {
        boolean seen = false;
        boolean fromInside = false;
        boolean runs = false;
        for (Map.Entry<Thread, StackTraceElement[]> one :
                Thread.getAllStackTraces().entrySet()) {
            StackTraceElement[] stack = one.getValue();
            if (isInExit(stack)) {
                seen = true;
                fromInside |= isInLibrary(stack);
            } else if (one.getKey() != Thread.currentThread()) {
                runs |= one.getKey().getState() == Thread.State.RUNNABLE && isInLibrary(stack);
            }
        }
        calledFromInside = fromInside || !seen; // virtual threads are not seen: it may have been one of a caller's
        return runs;
    }

    private static boolean isInExit(StackTraceElement[] stack) {
        for (StackTraceElement frame : stack) {
            String name = frame.getClassName();
            if (name.equals("java.lang.Shutdown")
                    || (name.equals("java.lang.Runtime")
                            && frame.getMethodName().equals("exit"))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isInLibrary(StackTraceElement[] stack) {
        for (StackTraceElement frame : stack) {
            if (frame.getClassName().startsWith(LIBRARY)) {
                return true;
            }
        }
        return false;
    }
}
