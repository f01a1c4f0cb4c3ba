namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>The kinds of outcomes of a case of the matrix of schedulers.</summary>
public enum SchedulerResult
{
    /// <summary>All numbers are those of the reference.</summary>
    Equal,

    /// <summary>Refused, by the name of an option or of the class.</summary>
    Refused,

    /// <summary>The reference fails, is not finite, or is decided by rounding.</summary>
    Informational,

    /// <summary>Other numbers without a word, or a refusal that does not say of what.</summary>
    Wrong,
}
