package dev.cresset;

/**
 * What becomes of a model that nothing could be tried with when it was opened: no {@link ModelOptions#inputs}, no example, a file
 * that says nothing of its inputs. Its first call of {@code forward} that succeeds has inputs to try with. Until a way is found it is
 * computed as it was opened, frozen; every call is answered. Answers before and after may differ by rounding: who compares bits
 * chooses {@link ModelOptions#optimization}.
 *
 * <p>Models with a state are not tried: their calls must not be repeated.
 */
public enum FirstCallTuning {
    /**
     * Copies of the first call's inputs are tried on a thread of its own, beside the calls that go on; one model of the process
     * at a time. That thread takes up a processor, for {@link ModelOptions#tuningBudget} at most, and the memory of one more way.
     * Closing the model ends it.
     */
    IN_BACKGROUND,
    /** The first call finds the way before it returns, and takes as long as that; calls beside it go on. */
    AT_THE_CALL,
    /** The model stays as it was opened. */
    NONE
}
