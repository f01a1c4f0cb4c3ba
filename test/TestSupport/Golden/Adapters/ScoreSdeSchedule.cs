namespace Microsoft.ML.Diffusion.TestSupport.Golden;

/// <summary>The SDEs of score_sde_pytorch.</summary>
internal static class ScoreSdeSchedule
{
    /// <summary>The schedule of an SDE, and the standard deviation of its prior; null where the library does not have it.</summary>
    /// <remarks>The reference starts from unit noise for both variance-preserving SDEs, although the variance of the second is not quite 1.</remarks>
    public static (NoiseSchedule Schedule, double Prior)? Read(GoldenCase @case) => ScoreSdeSamplerAdapter.Schedule(@case) is not { } schedule
        ? null
        : (schedule, schedule is VeSchedule exploding ? exploding.SigmaMax : 1);
}
