package dev.cresset.mar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.cresset.mar.ArchiveException.Rule;
import java.nio.file.Path;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Claims about archives that must not open or read. */
final class Refused {
    private Refused() {}

    static AbstractThrowableAssert<?, ArchiveException> opening(Path path, Rule rule) {
        return opening(path, ArchiveLimits.defaults(), rule);
    }

    static AbstractThrowableAssert<?, ArchiveException> opening(Path path, ArchiveLimits limits, Rule rule) {
        return doing(() -> ModelArchive.open(path, limits).close(), path, rule);
    }

    /** Claims the rule, and what every refusal has: the archive's name in front, its path, a single line. */
    static AbstractThrowableAssert<?, ArchiveException> doing(ThrowingCallable action, Path path, Rule rule) {
        ArchiveException refusal = catchThrowableOfType(ArchiveException.class, action);
        assertThat(refusal).as("expected a refusal by %s", rule).isNotNull();
        assertThat(refusal.rule()).as(refusal.getMessage()).isEqualTo(rule);
        assertThat(refusal.archive()).isEqualTo(path.toString());
        return assertThat(refusal)
                .hasMessageStartingWith(path.getFileName() + ": ")
                .hasMessageNotContaining("\n");
    }
}
