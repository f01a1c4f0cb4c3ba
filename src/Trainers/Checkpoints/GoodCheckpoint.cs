namespace Microsoft.ML.Diffusion.Trainers;

/// <summary>A checkpoint whose sum is right.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Position">The place in the run.</param>
/// <param name="Identity">What decided the course of the run.</param>
internal sealed record GoodCheckpoint(string Path, RunPosition Position, IReadOnlyDictionary<string, string> Identity);
