using System.Diagnostics.CodeAnalysis;

namespace Microsoft.ML.Diffusion;

/// <summary>The precision in which the bulk of a network computes. Weights of a training run are always kept in Float32 too.</summary>
public enum Precision
{
    /// <summary>
    /// The faster one: <see cref="BFloat16"/> where the device computes it natively and a short trial of the work in question shows that it takes less time, else <see cref="Float32"/>. Results differ between
    /// devices, and may where a trial is close; name the precision where they must not.
    /// </summary>
    Auto,

    /// <summary>IEEE single precision.</summary>
    [SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "The field's word, beside BFloat16.")]
    Float32,

    /// <summary>
    /// 8 bits of exponent, 8 of significand: half the time of Float32 on processors that have it. Norms, time features, loss and
    /// optimizer stay in Float32.
    /// </summary>
    BFloat16,
}
